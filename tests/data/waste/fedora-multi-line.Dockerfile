FROM fedora:39
RUN dnf install -y \
    nginx \
    vim-enhanced \
    && mkdir -p /data
COPY conf/ /etc/nginx/
COPY big-model.bin /data/model.bin
RUN mv /data/model.bin /srv/model.bin
CMD ["nginx", "-g", "daemon off;"]
