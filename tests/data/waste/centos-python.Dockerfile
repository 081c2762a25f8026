FROM centos:7
ENV PYVER=3.9.18
RUN yum -y groupinstall "Development Tools"
RUN yum -y install openssl-devel bzip2-devel libffi-devel wget
RUN cd /usr/src && wget https://example.org/Python-$PYVER.tgz && tar xzf Python-$PYVER.tgz
RUN cd /usr/src/Python-$PYVER && ./configure --enable-optimizations && make altinstall
RUN rm -rf /usr/src/Python-$PYVER /usr/src/Python-$PYVER.tgz
RUN yum clean all
CMD ["python3.9"]
