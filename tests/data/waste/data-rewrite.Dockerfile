FROM python:3.11-slim
COPY data/ /data/
RUN gunzip /data/*.gz
RUN chown -R 1000:1000 /data
RUN pip install --no-cache-dir pandas
COPY job.py /job.py
USER 1000
CMD ["python", "/job.py"]
