FROM nginx:1.25
COPY html /usr/share/nginx/html
RUN chmod -R 644 /usr/share/nginx/html
RUN find /usr/share/nginx/html -type d -exec chmod 755 {} \;
COPY entry.sh /entry.sh
RUN chmod +x /entry.sh
ENTRYPOINT ["/entry.sh"]
