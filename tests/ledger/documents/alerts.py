"""An alert in the project's own words, complete, for tests."""

ALERT = """<?xml version="1.0" encoding="UTF-8"?>
<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">
  <identifier>lindau-2026-17</identifier>
  <sender>desk@lindau.example</sender>
  <sent>2026-05-01T14:00:00+02:00</sent>
  <status>Actual</status>
  <msgType>Alert</msgType>
  <scope>Public</scope>
  <code>v1</code>
  <info>
    <language>en</language>
    <category>Safety</category>
    <event>Flood</event>
    <responseType>Evacuate</responseType>
    <urgency>Immediate</urgency>
    <severity>Severe</severity>
    <certainty>Likely</certainty>
    <eventCode><valueName>SAME</valueName><value>FLW</value></eventCode>
    <effective>2026-05-01T14:00:00+02:00</effective>
    <expires>2026-05-02T14:00:00+02:00</expires>
    <senderName>District of Lindau</senderName>
    <headline>Leave the lower town by six o'clock</headline>
    <description>The river rises by ten centimetres an hour.</description>
    <instruction>Use the old bridge. It closes at 18:00.</instruction>
    <web>https://lindau.example/flood</web>
    <parameter><valueName>gauge</valueName><value>4.10 m</value></parameter>
    <resource><resourceDesc>map</resourceDesc><mimeType>image/png</mimeType><size>1200</size></resource>
    <area>
      <areaDesc>Lower town</areaDesc>
      <polygon>47.54,9.67 47.56,9.67 47.56,9.70 47.54,9.67</polygon>
      <circle>47.55,9.68 1.5</circle>
      <geocode><valueName>AGS</valueName><value>09776116</value></geocode>
      <altitude>1300</altitude>
    </area>
  </info>
</alert>
"""

DUTCH = """
  <info>
    <language>nl</language>
    <category>Safety</category>
    <event>Overstroming</event>
    <urgency>Immediate</urgency>
    <severity>Severe</severity>
    <certainty>Likely</certainty>
  </info>
</alert>
"""
