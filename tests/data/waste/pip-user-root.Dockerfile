FROM python:3.11-alpine
RUN apk add --no-cache gcc musl-dev libffi-dev openssl-dev cargo
RUN pip install cryptography==41.0.0
RUN apk del gcc musl-dev libffi-dev openssl-dev cargo
