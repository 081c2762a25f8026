FROM python:3.11 AS build
RUN apt-get update && apt-get install -y gcc libxml2-dev
WORKDIR /app
COPY requirements.txt .
RUN python -m venv /venv
ENV VIRTUAL_ENV=/venv PATH=/venv/bin:$PATH
RUN pip install -r requirements.txt
COPY . .
RUN ln -sf /usr/bin/python3.11 /venv/bin/python \
 && sed -i 's|^home = .*|home = /usr/bin|' /venv/pyvenv.cfg
RUN mkdir -p /runtime && cd / && cp -a --parents -t /runtime venv app

# lissom distroless python3 --add libxml2 --add libxslt1.1 -t lissom/python3-libxml2-libxslt1.1:bookworm
FROM lissom/python3-libxml2-libxslt1.1:bookworm
ENV VIRTUAL_ENV=/venv PATH=/venv/bin:$PATH
WORKDIR /app
COPY --from=build /runtime /
EXPOSE 8000
ENTRYPOINT []
CMD ["gunicorn", "-b", "0.0.0.0:8000", "app:app"]
