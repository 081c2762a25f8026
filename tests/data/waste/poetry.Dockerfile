FROM python:3.12
ENV POETRY_VERSION=1.7
RUN pip install poetry
WORKDIR /code
COPY . .
RUN poetry install
CMD ["poetry", "run", "uvicorn", "app:app"]
