FROM tomcat:10
RUN rm -rf /usr/local/tomcat/webapps/ROOT
COPY app.war /usr/local/tomcat/webapps/
RUN unzip /usr/local/tomcat/webapps/app.war -d /usr/local/tomcat/webapps/ROOT
RUN chmod -R 777 /usr/local/tomcat
CMD ["catalina.sh", "run"]
