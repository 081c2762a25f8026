FROM python:3.11-slim
COPY assets/ /app/assets/
COPY assets/ /var/www/assets/
COPY app.py /app/
RUN cp -r /app/assets /srv/assets
RUN mv /app/app.py /srv/app.py
