# syntax=docker/dockerfile:1.5
FROM debian:bookworm-slim
RUN <<EOF
set -e
apt-get update
apt-get install -y --no-install-recommends python3 python3-venv
python3 -m venv /venv
/venv/bin/pip install fastapi uvicorn
EOF
COPY <<'EOF' /app/main.py
from fastapi import FastAPI
app = FastAPI()
EOF
CMD ["/venv/bin/uvicorn", "--app-dir", "/app", "main:app"]
