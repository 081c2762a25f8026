FROM httpd:2.4
COPY model.bin /srv/model.bin
RUN sed -i 's/#LoadModule/LoadModule/' /usr/local/apache2/conf/httpd.conf
RUN cp /srv/model.bin /usr/local/apache2/htdocs/model.bin
RUN ln -s /srv/model.bin /m
