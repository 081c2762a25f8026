FROM python:3.12-alpine3.19 AS build
RUN apk add --no-cache gcc musl-dev postgresql-dev libmagic
RUN addgroup -S web && adduser -S -G web web
WORKDIR /srv
COPY requirements.txt .
RUN python -m venv /venv
ENV VIRTUAL_ENV=/venv PATH=/venv/bin:$PATH
RUN pip install --no-cache-dir -r requirements.txt
COPY . .

FROM python:3.12-alpine3.19
ENV VIRTUAL_ENV=/venv PATH=/venv/bin:$PATH
RUN apk add --no-cache libpq libmagic \
 && addgroup -S web \
 && adduser -S -G web web
WORKDIR /srv
COPY --from=build /venv /venv
COPY --from=build /srv /srv
USER web
CMD ["python", "app.py"]
