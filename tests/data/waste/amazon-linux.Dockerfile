FROM amazonlinux:2023
RUN dnf update -y && dnf install -y python3 python3-pip tar gzip
RUN dnf install -y gcc python3-devel && \
    pip3 install uwsgi && \
    dnf remove -y gcc python3-devel
COPY app/ /app/
CMD ["uwsgi", "--ini", "/app/uwsgi.ini"]
