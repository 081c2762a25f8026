FROM busy:1
COPY --chmod=700 dir /x/
RUN chmod 755 /x; chmod 700 /x/deep
