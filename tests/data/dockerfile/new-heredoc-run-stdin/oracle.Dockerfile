FROM busy:1
RUN echo home is $HOME > /f; echo sub >> /f
