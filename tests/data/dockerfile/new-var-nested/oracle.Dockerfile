FROM busy:1
ENV A=x B=y
ENV C=xz D=
