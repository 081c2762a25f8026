# syntax=docker/dockerfile:1
FROM python:3.11 AS wheels
COPY requirements.txt .
RUN pip wheel -w /wheels -r requirements.txt
FROM python:3.11-slim
RUN --mount=type=bind,from=wheels,source=/wheels,target=/wheels pip install --no-cache-dir /wheels/*
COPY app.py /
CMD ["python", "/app.py"]
