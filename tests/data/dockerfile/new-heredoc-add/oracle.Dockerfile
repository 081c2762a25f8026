FROM busy:1
RUN mkdir /dir; echo added > /dir/EOF
