ARG BASE=python:3.11
FROM ${BASE}
COPY app.py /
CMD ["python", "/app.py"]
