FROM openjdk:11
ENV ES=7.17.0
RUN wget https://example.org/elasticsearch-$ES-linux-x86_64.tar.gz && \
    tar -xzf elasticsearch-$ES-linux-x86_64.tar.gz && \
    mv elasticsearch-$ES /usr/share/elasticsearch
RUN groupadd -r es && useradd -r -g es es && chown -R es:es /usr/share/elasticsearch
USER es
CMD ["/usr/share/elasticsearch/bin/elasticsearch"]
