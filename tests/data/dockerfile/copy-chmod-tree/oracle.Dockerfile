FROM busy:1
COPY --chmod=700 dir /x/
RUN chmod 700 /x /x/deep
