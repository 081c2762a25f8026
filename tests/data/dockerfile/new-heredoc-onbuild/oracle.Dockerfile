FROM busy:1 AS p
ONBUILD RUN echo x > /f
FROM p
