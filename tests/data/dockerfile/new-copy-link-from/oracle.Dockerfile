FROM busy:1 AS s
RUN mkdir /o; echo 1 > /o/1
FROM busy:1
COPY --from=s /o /x
RUN cat /x/1 > /y
