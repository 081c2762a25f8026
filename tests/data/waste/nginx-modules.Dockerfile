FROM nginx:1.25-alpine
RUN apk add --no-cache --virtual .build gcc libc-dev make pcre-dev zlib-dev
RUN wget https://example.org/nginx-1.25.tar.gz && tar -zxf nginx-1.25.tar.gz
RUN cd nginx-1.25 && ./configure --with-compat && make modules
RUN cp /nginx-1.25/objs/*.so /etc/nginx/modules/
RUN apk del .build && rm -rf /nginx-1.25*
