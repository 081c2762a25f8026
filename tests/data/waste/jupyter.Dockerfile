FROM ubuntu:20.04
ENV DEBIAN_FRONTEND=noninteractive
RUN apt update
RUN apt install -y python3-pip python3-dev git wget nano
RUN pip3 install jupyter matplotlib pandas
RUN pip3 install tensorflow
RUN wget https://example.org/dataset.zip && unzip dataset.zip -d /data
RUN rm dataset.zip
COPY notebooks /notebooks
RUN chmod -R 777 /notebooks
EXPOSE 8888
CMD jupyter notebook --ip=0.0.0.0 --allow-root
