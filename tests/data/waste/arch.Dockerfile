FROM archlinux:latest
RUN pacman -Syu --noconfirm nginx base-devel
COPY site /usr/share/nginx/html
CMD ["nginx", "-g", "daemon off;"]
