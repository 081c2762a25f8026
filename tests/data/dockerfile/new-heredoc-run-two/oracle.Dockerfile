FROM busy:1
RUN echo first > /a; echo second > /b
