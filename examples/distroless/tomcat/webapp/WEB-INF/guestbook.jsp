<%@ page contentType="text/html;charset=UTF-8" import="java.util.List" %>
<%!
  private static String escaped(Object text) {
    return text.toString().replace("&", "&amp;").replace("<", "&lt;");
  }
%>
<!doctype html>
<title>Guestbook</title>
<h1>${entries.size()} entries</h1>
<form method="post"><input name="entry"> <button>Sign</button></form>
<ul>
<% for (Object entry : (List<?>) request.getAttribute("entries")) { %>
  <li><%= escaped(entry) %></li>
<% } %>
</ul>
