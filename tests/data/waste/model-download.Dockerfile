FROM python:3.11-slim
RUN pip install --no-cache-dir huggingface_hub
RUN huggingface-cli download org/model --local-dir /models
RUN mv /models /opt/models
RUN chmod -R a+r /opt/models
