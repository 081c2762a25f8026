FROM nvidia/cuda:12.2.0-devel-ubuntu22.04
RUN apt-get update && apt-get install -y --no-install-recommends \
        python3 python3-pip git && \
    apt-get clean && \
    rm -rf /var/lib/apt/lists/*
RUN pip3 install --no-cache-dir torch==2.1.0 \
    --index-url https://example.org/whl/cu121
RUN pip3 install transformers accelerate
RUN git clone https://example.org/llm.git /workspace && cd /workspace && pip install -r requirements.txt
COPY weights/ /weights/
COPY weights/ /workspace/weights/
CMD ["python3", "/workspace/serve.py"]
