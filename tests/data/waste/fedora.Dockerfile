FROM fedora:39
RUN dnf install -y --setopt=install_weak_deps=False nginx && dnf clean all && rm -rf /var/cache/dnf
COPY site /usr/share/nginx/html
CMD ["nginx", "-g", "daemon off;"]
