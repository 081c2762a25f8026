# syntax=docker/dockerfile:1
FROM ubuntu:24.04
RUN <<EOF
apt-get update
apt-get install -y python3 python3-pip
pip3 install --break-system-packages flask
EOF
COPY app.py /app.py
CMD ["python3", "/app.py"]
