FROM python:3.10-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends git
RUN pip install git+https://example.org/lib.git@v1
RUN apt-get purge -y git && apt-get autoremove -y
