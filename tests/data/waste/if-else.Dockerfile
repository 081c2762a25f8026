FROM python:3.11-slim
ARG DEV=0
COPY requirements requirements
RUN if [ "$DEV" = 1 ]; then pip install -r requirements/dev.txt; else pip install -r requirements/prod.txt; fi
RUN python -c "import nltk; nltk.download('punkt')"
COPY . /app
