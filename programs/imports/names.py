"""Names for people whose list has none.

All combinations are invented: first and family names of many cultures, put together by a hash
of the row's own id. The same id always has the same name, and no name tells who answered.
"""

from hashlib import sha256

_FIRST = """
Aaliyah Abebe Abena Adaeze Adam Adela Aditi Adnan Agnes Ahmed Aigul Aiko Aino Aisha Akira Alba
Alejandra Aleksander Alessia Alina Alma Alva Amadou Amal Amara Amelia Amina Amit Ana Anahera
Anand Anders Andrea Andrzej Aneta Angela Anh Anika Anna Antonio Anwar Aoife Arash Ariel Arjun
Arman Aroha Artem Asha Ashok Astrid Ayana Ayesha Aylin Ayumi Azadeh Babajide Balázs Burak Bashir
Beatriz Benedikt Berit Bertil Bettina Bilal Birgit Bogdan Boris Branka Brigid Bronwyn Caio
Camila Carlos Carmen Catalina Cedric Celeste Chandra Chidi Chiara Chinonso Chloé Cian Ciara
Clara Cormac Cosmin Daiki Dalia Damir Daniela Danuta Daoud Dariusz Darya Davor Deniz Devika
Diego Dimitra Dina Dinh Divya Dorota Dragan Duc Ebba Edith Efua Eilidh Einar Ekaterina Elena
Elias Elif Elina Elisa Ellen Elodie Emeka Emil Emine Emre Enrique Erdem Erik Esi Esther Eszter
Eva Fadi Farah Farid Fatima Fatou Felipe Femi Fenna Fernanda Filip Fiona Florin Francesca Freya
Gabriela Gareth Gaurav Georgi Gerda Ghada Giorgos Giulia Goran Greta Guadalupe Gulnara Hamza
Hana Hannes Harini Haruka Hassan Hedda Helena Henrik Hiroshi Hoa Hugo Hye-jin Ibrahim Idris
Ifeoma Ignacio Ikram Ilse Imani Imran Ines Ingrid Ioana Irena Isabel Ismail Ivana Iwan Jaana
Jakub Jamila Jan Jana Javier Jelena Jens Ji-woo Jian Jin Joana Jonas Jorge Josefa Juan Judit Jun
Kaito Kamala Karim Karin Kasper Katarzyna Kavita Keiko Kemal Khadija Kiran Kofi Kwame Laila Lars
Latifa Laura Lea Leila Leon Leticia Lian Liam Lina Linh Livia Lorenzo Lucía Ludmila Luis Lukas
Lwazi Maarten Magda Mahmoud Maja Makena Malik Manuela Marek Mariam Marisol Marko Marta Mateo
Mathilde Matteo Maya Mei Mercy Mia Miguel Mihai Mila Milan Min-jun Minh Mira Miriam Mohan Mona
Morten Moussa Musa Nadia Naoko Nasrin Natalia Naveen Nayeli Ngozi Nia Niamh Nikola Nina Nirmala
Noor Nora Nuria Oksana Olga Olivia Omar Oscar Otto Pablo Padma Paolo Patience Paul Pavel Pedro
Peter Petra Piotr Pooja Priya Qiang Rachel Radek Rafael Rahul Raisa Rania Rasmus Ravi Rebeca
Reza Rin Rohan Rosa Ruth Ryo Saida Salma Samir Sana Sandra Sani Santiago Sara Sebastián Selam
Sergio Shirin Shira Sibusiso Sigrid Silvia Simone Sinéad Siti Sofia Soo-ah Stefan Sunita Sven
Tadeusz Taiwo Tamar Tania Tariq Temitope Teodora Thabo Theo Thuy Tiago Tomás Tove Tuan Uche Ulla
Uma Urszula Vahid Valentina Vera Viktor Vikram Vivek Wanjiru Wei Wiktoria Xavier Ximena Yael Yan
Yara Yasmin Yosef Yuki Yusuf Zahra Zanele Zbigniew Zeynep Zoltán Zora Zuzana
"""

_FAMILY = """
Abdi Abe Abiola Abramov Acheampong Acosta Adeyemi Afolabi Aguilar Ahmadi Aikio Akhtar Akintola
Aksoy Alami Albrecht Alencar Almeida Amari Andersen Andrade Antonov Aoki Appiah Arai Araya
Arslan Asante Aytac Azizi Bachmann Bakker Balogun Banerjee Barbosa Barros Bassi Bauer Bayram
Becker Benali Bencze Berg Bhatt Bianchi Bielak Blanco Boateng Bondarenko Borg Botha Boulos
Brandt Breen Bui Byrne Cabrera Calderón Campos Cardoso Carvalho Castillo Çelik Cerny Chanda
Chavez Cheng Cherkaoui Chikwanha Cho Cohen Colombo Conti Correia Cruz Csonka Dahl Dang Das
Dastgir Delgado Demir Deshmukh Desta Diallo Diaz Dimitrov Diop Djordjevic Dlamini Dobos Doğan
Domingues Dubois Duarte Dvořák Ebadi Eide Ekström Engel Eriksen Escobar Espinoza Estrada Eze
Fabre Farkas Farouk Fekete Fernandes Ferrari Fischer Flores Fofana Fontaine Fraser Fujita Gallo
Ganesan Garba Garcia Gebre Georgiou Ghosh Gill Girma Godoy Gomes Gonçalves Gorski Gouveia
Grabowski Greco Grimaldi Gruber Guerrero Gupta Gutierrez Haddad Hagen Hakimi Halloran Hamid
Hansen Harada Hartmann Hashimoto Hassani Hayashi Hegazy Heikkinen Henry Hernandez Hoang Hofer
Holm Horvat Hossain Huang Hughes Ibáñez Ikeda Ilić Inoue Ismailov Ito Ivanova Jabari Jackson
Jafari Jain Jansen Jaramillo Jensen Jimenez Johansson Jovanović Juarez Kaczmarek Kamau Kang
Kapoor Karlsson Kariuki Kato Katz Kaur Keita Keller Khalil Khan Kimani Kiplagat Kipchoge Klein
Kobayashi Koch Kone Korhonen Kovács Kowalczyk Krüger Kruse Kumar Kurt Kuznetsov Laine Lam Lange
Larsen Laurent Le Lehmann Leite Leung Levi Lima Lind Lindgren Lopes Lozano Lund Lungu Machado
Madsen Maes Mahlangu Maina Malhotra Mansour Marais Marin Marković Martel Masuda Matos Mbeki
Medina Mehta Mendoza Mensah Meyer Mihailov Mishra Mizrahi Molina Montoya Morales Moreau Moretti
Mori Mostafa Moyo Mukherjee Müller Munoz Mutasa Nagy Naidoo Nair Nakamura Navarro Ndiaye Nel
Nguyen Nielsen Nikolaidis Nkosi Novak Nowak Nunes Nyambura Obi Ochieng Oduya Ogawa Okafor
Okonkwo Oliveira Olsen Omondi Ortega Osei Otieno Ozturk Pacheco Palmer Papadakis Park Patel
Pereira Peters Petrov Pham Pinto Popescu Pretorius Prieto Quintero Qureshi Rahman Ramos Rao
Rasmussen Reddy Reyes Ribeiro Ricci Rivera Rojas Romano Rossi Ruiz Saavedra Sahin Saito Salazar
Saleh Samadi Sanchez Sandoval Santos Sato Schmidt Schneider Seck Serrano Shah Sharma Shevchenko
Sidhu Silva Singh Sithole Solheim Soto Sousa Stoica Suárez Sundaram Suzuki Szabo Takahashi Tan
Tanaka Tembo Tesfaye Thapa Toledo Toth Touré Tran Tshabalala Tuominen Ueda Usman Vance Varga
Vargas Vasquez Vega Verma Vidal Virtanen Vogel Vu Wagner Wang Warsame Weber Wójcik Wolf Wong
Yadav Yamada Yang Yildirim Yilmaz Zapata Zhang Zhou Zielinski Zimmermann Zulu
"""

FIRST_NAMES = tuple(_FIRST.split())
FAMILY_NAMES = tuple(_FAMILY.split())


def invented_name(ident: str) -> str:
    """A first and a family name that belong to this id and to nobody."""
    digest = int.from_bytes(sha256(ident.encode()).digest()[:8], "big")
    families, first = divmod(digest, len(FIRST_NAMES))
    return f"{FIRST_NAMES[first]} {FAMILY_NAMES[families % len(FAMILY_NAMES)]}"
