FROM centos:7
RUN yum -y update
RUN yum install -y httpd git make gcc
ADD site.tar.gz /var/www/html
RUN git clone https://example.org/tools.git /opt/tools
RUN cd /opt/tools && make install
EXPOSE 80
CMD ["httpd", "-DFOREGROUND"]
