FROM continuumio/miniconda3:23.10.0-1
COPY environment.yml /tmp/environment.yml
RUN conda env create -f /tmp/environment.yml
RUN conda clean -afy
RUN rm /tmp/environment.yml
COPY src/ /opt/src/
SHELL ["conda", "run", "-n", "env", "/bin/bash", "-c"]
RUN pip install -e /opt/src
ENTRYPOINT ["conda", "run", "-n", "env", "python", "/opt/src/main.py"]
