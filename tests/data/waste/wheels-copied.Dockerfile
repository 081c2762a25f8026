FROM python:3.11 AS wheels
COPY requirements.txt .
RUN pip wheel -w /wheels -r requirements.txt
FROM python:3.11-slim
COPY --from=wheels /wheels /wheels
RUN pip install --no-cache-dir /wheels/* && rm -rf /wheels
COPY app.py /
CMD ["python", "/app.py"]
