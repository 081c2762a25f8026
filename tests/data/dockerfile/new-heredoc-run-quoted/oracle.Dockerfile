FROM busy:1
RUN echo 'home is $HOME' > /f
