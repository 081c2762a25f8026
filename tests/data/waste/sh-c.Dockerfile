FROM alpine:3.18
RUN sh -c "apk add build-base python3 && pip3 install flask"
RUN ["apk", "add", "git"]
CMD ["python3"]
