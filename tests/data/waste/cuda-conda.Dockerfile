FROM pytorch/pytorch:2.1.0-cuda11.8-cudnn8-devel
RUN conda install -c conda-forge ffmpeg -y && pip install transformers
RUN pip cache purge
COPY checkpoints/ /ckpt/
RUN tar -czf /ckpt.tar.gz /ckpt
