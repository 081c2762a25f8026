FROM mcr.microsoft.com/dotnet/sdk:8.0
COPY . /app
WORKDIR /app
RUN dotnet build
CMD ["dotnet", "run"]
