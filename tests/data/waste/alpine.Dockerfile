FROM alpine:3.19
RUN apk update
RUN apk add gcc musl-dev python3 python3-dev py3-pip
COPY requirements.txt /tmp/
RUN pip3 install -r /tmp/requirements.txt
COPY app /app
RUN chmod -R 755 /app
RUN apk del gcc musl-dev python3-dev
CMD ["python3", "/app/main.py"]
