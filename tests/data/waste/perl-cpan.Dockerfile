FROM perl:5.36
RUN cpanm Mojolicious DBI
COPY app.pl /
CMD ["perl", "/app.pl"]
