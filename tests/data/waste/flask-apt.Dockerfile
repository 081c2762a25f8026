FROM python:3.11
RUN apt-get update
RUN apt-get install -y vim curl gcc libpq-dev
COPY . /app
WORKDIR /app
RUN pip install -r requirements.txt
RUN chown -R nobody:nogroup /app
USER nobody
CMD ["gunicorn", "app:app"]
