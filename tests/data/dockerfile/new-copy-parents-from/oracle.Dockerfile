FROM busy:1 AS s
RUN mkdir -p /o/a/b; echo 1 > /o/a/b/1
FROM busy:1
COPY --from=s /o/a/b/1 /x/o/a/b/
