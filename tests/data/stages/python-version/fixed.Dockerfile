ARG PYTHON=3.12
FROM python:${PYTHON} AS build
WORKDIR /app
COPY . .
RUN python -m venv /venv
ENV VIRTUAL_ENV=/venv PATH=/venv/bin:$PATH
RUN python -m pip install .

FROM python:${PYTHON}-slim
ENV VIRTUAL_ENV=/venv PATH=/venv/bin:$PATH
WORKDIR /app
COPY --from=build /venv /venv
COPY --from=build /app /app
CMD python -m worker
