FROM python:3.11 AS build
RUN apt-get update && apt-get install -y gcc libxml2-dev
WORKDIR /app
COPY requirements.txt .
RUN python -m venv /venv
ENV VIRTUAL_ENV=/venv PATH=/venv/bin:$PATH
RUN pip install -r requirements.txt
COPY . .

FROM python:3.11-slim
ENV VIRTUAL_ENV=/venv PATH=/venv/bin:$PATH
RUN apt-get update \
 && apt-get install -y --no-install-recommends libxml2 libxslt1.1 \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY --from=build /venv /venv
COPY --from=build /app /app
EXPOSE 8000
CMD gunicorn -b 0.0.0.0:8000 app:app
