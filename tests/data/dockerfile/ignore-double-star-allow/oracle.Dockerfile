FROM busy:1
COPY dir/deep/e.go /x/dir/deep/
COPY src/main.go /x/src/
COPY src/x/y.go /x/src/x/
