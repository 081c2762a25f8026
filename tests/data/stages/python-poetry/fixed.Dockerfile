FROM python:3.12 AS build
ENV PYTHONUNBUFFERED=1
WORKDIR /code
RUN pip install --no-cache-dir poetry==1.8.3
COPY pyproject.toml poetry.lock ./
RUN python -m venv /venv
ENV VIRTUAL_ENV=/venv PATH=/venv/bin:$PATH
RUN poetry config virtualenvs.create false \
 && poetry install --no-interaction --only main --no-root
COPY . .

FROM python:3.12-slim
ENV VIRTUAL_ENV=/venv PATH=/venv/bin:$PATH
ENV PYTHONUNBUFFERED=1
WORKDIR /code
COPY --from=build /venv /venv
COPY --from=build /code /code
EXPOSE 8000
CMD ["uvicorn", "app.main:app", "--host", "0.0.0.0"]
