FROM continuumio/miniconda3
RUN conda install -y numpy pandas scikit-learn
RUN pip install torch transformers
COPY model.pt /models/model.pt
COPY model.pt /app/model.pt
COPY serve.py /app/
CMD ["python", "/app/serve.py"]
