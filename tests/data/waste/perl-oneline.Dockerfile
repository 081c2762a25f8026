FROM perl:5.38-slim
COPY hello.pl /hello.pl
CMD ["perl", "/hello.pl"]
