-- A message that passes SPF and DMARC: taken, one Authentication-Results on top.

-- miltertest keeps the text of an error to itself
local function wrong(text)
	mt.echo(text)
	error(text)
end

conn = mt.connect(socket, 600, 0.1)
mt.set_timeout(60)

local function continues(what, failed)
	if failed ~= nil then
		wrong(what .. ": " .. failed)
	end
	local reply = mt.getreply(conn)
	if reply ~= SMFIR_CONTINUE and reply ~= 0 then
		wrong(what .. ": reply " .. reply)
	end
end

continues("connect", mt.conninfo(conn, "mail.example.org", client))
continues("helo", mt.helo(conn, "mail.example.org"))
continues("mail", mt.mailfrom(conn, "<anna@example.org>"))
continues("rcpt", mt.rcptto(conn, "<reader@example.net>"))
continues("header", mt.header(conn, "From", "Anna <anna@example.org>"))
continues("header", mt.header(conn, "Subject", "test"))
continues("end of header", mt.eoh(conn))
if mt.bodystring(conn, "Hello.\r\n") ~= nil then
	wrong("the body was not taken")
end
mt.macro(conn, SMFIC_MAIL, "i", "4LUA00001")
if mt.eom(conn) ~= nil then
	wrong("no answer to the end of the message")
end
if mt.getreply(conn) ~= SMFIR_CONTINUE and mt.getreply(conn) ~= SMFIR_ACCEPT then
	wrong("the message was not taken: " .. mt.getreply(conn))
end
if not mt.eom_check(conn, MT_HDRINSERT, "Authentication-Results") then
	wrong("no Authentication-Results")
end
local results = mt.getheader(conn, "Authentication-Results", 0)
for _, word in ipairs({"mx.example.net", "spf=pass", "dmarc=pass", "header.from=example.org"}) do
	if not string.find(results, word, 1, true) then
		wrong(word .. " is not in " .. results)
	end
end
mt.disconnect(conn)
