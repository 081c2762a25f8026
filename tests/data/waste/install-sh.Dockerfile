FROM debian:11
COPY install.sh /tmp/install.sh
RUN chmod +x /tmp/install.sh && /tmp/install.sh && rm /tmp/install.sh
ADD https://example.org/big.tar.gz /opt/
RUN tar xzf /opt/big.tar.gz -C /opt && rm -f /opt/big.tar.gz
CMD ["/opt/big/run"]
